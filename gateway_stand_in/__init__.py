"""A stand-in for the e-government gateway: it speaks the gateway's protocol, answers from synthetic people, and
misbehaves when it is told to. It is nobody's gateway, and shares with the adapter the schemas alone."""
