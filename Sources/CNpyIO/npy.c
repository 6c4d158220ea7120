#include "CNpyIO.h"
