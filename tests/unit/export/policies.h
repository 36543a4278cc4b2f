// What systemd and minijail make of their files, written from their manuals and not from the code that writes
// such files: the judge of exports. For one call at a time; only what exports use.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "filter/meaning.h"
#include "filter/program.h"

namespace whittle::exporting::testing {

class SystemdUnit {
 public:
  explicit SystemdUnit(std::string_view text);
  // Calls of ABIs that SystemCallArchitectures= does not name are killed.
  filter::Decision Answer(const filter::Call& call, Abi native) const;

 private:
  void Filter(std::string_view value);
  void Log(std::string_view value);
  filter::Decision Listed(const std::string& name) const;

  bool any_ = false, allows_ = false;
  std::map<std::string, std::string> listed_;  // name, error
  bool logs_ = false, logs_listed_ = false;
  std::set<std::string> logged_;
  std::string error_;
  std::set<std::string> architectures_;
};

class MinijailPolicy {
 public:
  explicit MinijailPolicy(std::string_view text);
  filter::Decision Answer(const filter::Call& call, Abi native) const;

 private:
  bool denies_ = false;
  std::map<std::string, std::string> lines_;
};

// "read"; "" where the number has no name.
std::string NameOf(const filter::Call& call);

}  // namespace whittle::exporting::testing
