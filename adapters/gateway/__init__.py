"""The e-government gateway (ШЭП): its messages, their signatures, and the registers behind it (R17)."""
