# bot: nothing yet
