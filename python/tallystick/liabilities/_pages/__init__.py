"""Reports as JSON and as pages of HTML. Private: the methods of the reports are the way in."""
