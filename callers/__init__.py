"""Programs that call us: the public keys they are known by, and how they prove who they are.

On the ground floor, because rooms that may not import one another let programs in: employers'
own, and clients of EMREX 2.0. Nothing here knows which program may do what.
"""
