// Docker's default as docker gives it to runc here: what most filters are.
#pragma once

#include "base/result.h"
#include "filter/runtime.h"
#include "profile/document.h"
#include "profile/target.h"

namespace whittle::bench {

struct DockerDefault {
  profile::Document document;
  profile::Target target;      // docker's fourteen capabilities
  filter::RuntimeRules rules;  // what runc asks libseccomp for
};
Result<DockerDefault> ReadDockerDefault();

}  // namespace whittle::bench
