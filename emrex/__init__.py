"""Results from university to university, through the holder's browser and with their consent."""
