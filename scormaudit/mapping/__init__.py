"""A record in the words of SCORM 2004 and of xAPI, with all that is lost on the way."""
