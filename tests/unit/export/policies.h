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

// "arg0 & 0x2"
struct PolicyTest {
  std::string op;
  uint32_t argument = 0;
  uint64_t value = 0;
};

// What a file says of one call: allowed if all tests of one of the clauses hold.
struct PolicyLine {
  std::vector<std::vector<PolicyTest>> clauses;
  filter::Decision otherwise;
};

class SystemdUnit {
 public:
  explicit SystemdUnit(std::string_view text);
  // Calls of ABIs that SystemCallArchitectures= does not name are killed.
  filter::Decision Answer(const filter::Call& call, Abi native) const;
  // The same for every call at once.
  filter::Program Compiled(Abi native) const;

 private:
  void Filter(std::string_view value);
  void Log(std::string_view value);
  bool Takes(Abi abi, Abi native) const;
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
  filter::Program Compiled(Abi native) const;

 private:
  filter::Decision Unlisted() const;

  bool denies_ = false;
  std::map<std::string, PolicyLine> lines_;
};

// "read"; "" where the number has no name.
std::string NameOf(Abi abi, uint32_t number);

}  // namespace whittle::exporting::testing
