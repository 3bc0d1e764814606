"""One module for each performance promise; `./lobbypay bench` runs them."""
