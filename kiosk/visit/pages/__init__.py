"""What the screens say, a file for each part of a visit. `present` puts them together."""
