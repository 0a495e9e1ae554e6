#include "CBuild.h"

// Written by the plugin BuildIdentity before every build, and again only where it changes.
#if __has_include("generated.h")
#include "generated.h"
#else
#define GRADFID_COMMIT "unknown"
#define GRADFID_CHANGES 0
#endif

const char *gradfid_build_commit(void) { return GRADFID_COMMIT; }
int gradfid_build_changes(void) { return GRADFID_CHANGES; }
