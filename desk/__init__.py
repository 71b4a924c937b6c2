"""How officers work: accounts, sign-in, console API and the pages."""
