// With which values of its arguments a call was made. Kept are the arguments whose values have names
// (data/named_arguments.csv: the domain and type of a socket, the command of fcntl, the option of prctl,
// ...), those of a call together, since that is how a filter tests them. clone is not among them: what
// matters of its flags is CloneFlags. Pure; thread safe (a value).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "syscalls/abi.h"

namespace whittle::evidence {

// The arguments of a call that are kept, by their indices, rising; none of most calls.
std::vector<uint32_t> KeptArguments(Abi abi, uint32_t number);
// Whether there are any: cheap, for what asks of every call.
bool KeepsArguments(Abi abi, uint32_t number);

// All values that were seen, or that they are not known: a set that grows by Join() to "not known", so
// joining is associative, commutative and idempotent.
class Arguments {
 public:
  // One for each index, as the kernel takes it: of an int the low half.
  using Values = std::vector<uint64_t>;
  // More different ones are as good as any.
  static constexpr size_t kMost = 64;

  Arguments() = default;  // not known
  // Requires as many values as indices, which rise and are below 6. No index: not known.
  Arguments(std::vector<uint32_t> indices, Values values);
  // Of a call with these registers; not known if a kept argument is not among them.
  static Arguments OfRegisters(Abi abi, uint32_t number, std::span<const uint64_t> registers);

  bool known() const { return !values_.empty(); }
  const std::vector<uint32_t>& indices() const { return indices_; }
  const std::set<Values>& values() const { return values_; }

  // With the values as the kernel takes them for that call.
  Arguments AsTakenBy(Abi abi, uint32_t number) const;

  // Those of either: not known if either is not, if they are of other arguments, or too many.
  void Join(const Arguments& other);

  bool operator==(const Arguments&) const = default;

 private:
  std::vector<uint32_t> indices_;
  std::set<Values> values_;
};

// "(AF_INET, SOCK_STREAM|SOCK_CLOEXEC)", "(*, F_SETFD)": a star for an argument that is not kept.
std::string ValuesText(Abi abi, uint32_t number, std::span<const uint32_t> indices,
                       const Arguments::Values& values);

// The value as the kernel takes it for that argument: the low half of an int.
uint64_t AsTaken(Abi abi, uint32_t number, uint32_t argument, uint64_t value);

}  // namespace whittle::evidence
