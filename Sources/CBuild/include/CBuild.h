#pragma once

/// The commit that the program was built from, as 40 hexadecimal digits; "unknown" where it was built
/// outside a checkout.
const char *gradfid_build_commit(void);

/// 1 where sources differed from that commit, else 0.
int gradfid_build_changes(void);
