/* Calls that this project does not make; including this header turns them into compile errors. */
#ifndef TP_BASE_BANNED_H
#define TP_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok atoi atol atoll atof gmtime localtime ctime asctime

#endif
