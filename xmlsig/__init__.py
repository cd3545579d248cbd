"""XML signatures of the EMREX profile: a strict reader, canonical bytes, and what they prove.

Knows neither whose keys there are nor what a diploma is.
"""
