"""The dispatcher decides: a pure core, the planners, the journal and the two Faust apps around them."""
