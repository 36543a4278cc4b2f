// What an export does not hold, gathered and said: calls that get the same wrong answer are one line. Pure;
// not thread safe.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "export/export.h"
#include "filter/meaning.h"
#include "prove/prove.h"
#include "syscalls/abi.h"

namespace whittle::exporting {

// "ALLOW", "ERRNO(1)".
std::string AnswerText(const filter::Decision& answer);

class Losses {
 public:
  // A call of an ABI gets `given`, where the profile says one of `wanted`, by its arguments if there are
  // several. Nothing is lost if that is the same. `rule`: of the document that speaks of the call; -1: none.
  void Compare(Abi abi, const std::string& call, const std::vector<filter::Decision>& wanted,
               const filter::Decision& given, int rule = -1);
  // What the two filters answer otherwise.
  void Add(const prove::Proof& proof, const filter::Meaning& wanted);
  // A member, or whatever else is no answer to a call.
  void Add(std::string line) { lines_.push_back(std::move(line)); }
  // flags and listener, which only a runtime that reads them can take care of.
  void AddMembersForRuntimes(const profile::Document& flat);

  std::vector<std::string> Lines() const;

 private:
  // What is said of each of the calls: how it changes, where, from what, to what.
  using Kind = std::tuple<prove::Change, std::string, std::string, std::string>;
  void Add(prove::Change change, const std::string& where, const std::string& wanted,
           const std::string& given, std::string call);

  std::map<Kind, std::vector<std::string>> calls_;
  std::vector<std::string> lines_;
};

// What is lost if `document` is what arrives, as a file, and `target` reads it. Errors: kNotPossible where it
// cannot be proven.
Result<std::vector<std::string>> LostOnTheWay(const Source& source, profile::Document document,
                                              const profile::Target& target);

}  // namespace whittle::exporting
