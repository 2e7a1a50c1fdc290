/* Calls that this project does not make; including this header turns them into compile errors. */
#ifndef TP_BASE_BANNED_H
#define TP_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* glibc makes macros of some of them when it fortifies. */
#undef strcpy
#undef strcat
#undef sprintf
#undef vsprintf
#undef gets
#undef strtok
#undef atof

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok atoi atol atoll atof gmtime localtime ctime asctime

#endif
