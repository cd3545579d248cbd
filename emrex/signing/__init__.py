"""Documents for a process that may open no key: asked for here, made and signed by the signer."""
