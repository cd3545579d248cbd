"""Who may sign and with what: custody, certificates, time-stamps, the published trust list.

Nothing is re-exported here on purpose: the public verifier imports `keys.trust`
and must not pull in a module that can open a private key.
"""
