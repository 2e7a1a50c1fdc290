# trade: nothing yet
