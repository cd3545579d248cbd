"""ELMO, the document of EMREX: its nouns, how they are written, what a register says in them."""
