"""Programs that call us: the keys they are known by, how they prove who they are, and tokens.

On the ground floor, because rooms that may not import one another let programs in: employers'
own, and clients of EMREX 2.0. Nothing here knows which program may do what.
"""
