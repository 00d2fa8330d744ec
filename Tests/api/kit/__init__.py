"""What the tests of the running agent are made of."""
