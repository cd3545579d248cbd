"""ELMO, the XML in which results travel between institutions, with an XML signature."""
