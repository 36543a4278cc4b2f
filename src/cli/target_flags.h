// The flags that say for which place a profile is meant: the same for every verb that needs a target.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/flags.h"
#include "profile/target.h"

namespace whittle::cli {

// As given; empty: not given.
struct TargetFlags {
  std::string loader;                     // --loader docker|podman|oci[:VERSION]
  std::string runtime;                    // --runtime runc|crun|none[:VERSION]
  std::string loader_version;             // --loader-version
  std::string runtime_version;            // --runtime-version
  std::string libseccomp;                 // --libseccomp VERSION
  std::string arch;                       // --arch
  std::string kernel;                     // --kernel
  std::vector<std::string> capabilities;  // --cap, lists and repeated: "default", "all", "none", names
  bool no_new_privs = false;              // --no-new-privs

  bool Given() const;  // any of them
};

void AddTargetFlags(Flags flags, TargetFlags& target);

// The same for the second of two that are compared: --b-loader, ... without --arch, since calls of two
// machines have no numbers in common.
void AddSecondTargetFlags(Flags flags, TargetFlags& target);
// `base`, with what was given in `over` instead. A version belongs to the loader or runtime that it was given
// with.
TargetFlags Overlay(const TargetFlags& base, const TargetFlags& over);

// A target and a line that says where it comes from.
struct ChosenTarget {
  profile::Target target;
  std::string why;
};

// What is not given comes from `defaults` (usually container::TargetOfHost). Where loader and runtime are
// both given, nothing is asked of the host's engines: versions that are not given are then the newest that
// Whittle knows. Errors: kUsage for a wrong flag, or those of `defaults`.
Result<ChosenTarget> ChooseTarget(const TargetFlags& flags,
                                  const std::function<Result<ChosenTarget>()>& defaults);
// With this host as the default.
Result<ChosenTarget> ChooseTarget(const TargetFlags& flags);

}  // namespace whittle::cli
