"""The wire format between kiosk and hub: messages, the hash chain, sealing and signatures. The hub reads this folder."""
