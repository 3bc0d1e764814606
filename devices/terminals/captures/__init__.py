"""Captures of a terminal's line, as technicians have them: hex dumps, raw bytes, pcap; decoded to one row a packet, masked."""
