"""Players of music besides the page, behind the protocol in ``player``; one file each."""
