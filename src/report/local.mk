# report: nothing yet
