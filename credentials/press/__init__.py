"""The press: writes the PDF of an everyday extract itself, as typst would have drawn it."""
