// A document made flat: what it comes to on a target, in members that every loader reads alike. What lies on
// a node is flat, since a file with includes, excludes or archMap means one thing to docker and another to
// containerd.
//
// includes and excludes are decided, `name` becomes `names`, archMap `architectures`, an errno by name a
// number, and every ERRNO and TRACE says its number. Rules keep their order and their names, unknown ones
// too: what runtimes and libseccomp make of them is the same whoever loads the file. Pure; thread safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::filter {

// Only docker and podman know the member `comment`; it is for people, and others pass it over.
enum class Comments { kDrop, kKeep };

struct Resolved {
  profile::Document document;
  // What the target's loader does not read, and so is lost: "FILE:LINE:COLUMN: /syscalls/0/errno: docker 28.5.2
  // does not read it, ..."; and what could not be said so that every loader reads it: "defaultErrnoRet: docker
  // before 23.0 ignores it, ...".
  std::vector<std::string> warnings;
};

// The flat document gives the same filter under docker from 23.0 on, podman and plain OCI loaders as
// `document` under `target`, with the same runtime. Errors: kBadInput where the target does not take the
// document.
Result<Resolved> Resolve(const profile::Document& document, const profile::Target& target,
                         Comments comments = Comments::kDrop);

}  // namespace whittle::filter
