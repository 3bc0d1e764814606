"""The back office: intake, ledger, statements, and pages for the billing office."""
