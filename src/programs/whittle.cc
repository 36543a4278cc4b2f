#include "cli/verb.h"

int main(int argc, char** argv) { return whittle::cli::Main(argc, argv); }
