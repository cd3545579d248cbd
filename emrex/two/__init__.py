"""EMREX 2.0, a public draft: the same transfer, asked and answered by OAuth (emrex.md 3.1).

A client sends the holder's browser to us with a challenge (PKCE), the browser carries a code
back, and the client itself fetches what the holder chose. Off unless it is set up.
"""
