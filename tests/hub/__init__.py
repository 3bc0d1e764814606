"""Tests of the hub: in process over ASGI with real signatures and sealing; over real TLS where that is the point."""
