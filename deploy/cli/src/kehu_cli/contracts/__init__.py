"""Making the files of `contracts/` from the code, and comparing them with an earlier revision."""
