// What can be said on a command line: which options, into which variable each goes, which belong together.
// --help and the messages about wrong usage are made of it. A verb says, for example:
//
//   flags.Positional("evidence", options.files, "evidence files; several are merged").Required();
//   const Flag counts = flags.Switch("--counts", options.counts, "one line a call");
//   flags.Option("--per", options.per, "count runs, or replicas").OneOf({"run", "replica"}).Needs(counts);
//   flags.Option("-o,--output", options.output, "where to write; - is standard output").ShowDefault();
//
// A variable keeps the value that it has where nothing is given for it; it must live until after the parsing.
// Flag and Flags are handles, to be copied: the CommandLine that they come from must outlive them.
// Not thread-safe. The work is CLI11's; only flags.cc includes it, since its header takes long to compile.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace whittle::cli {

// One thing that can be given, and what else is to be said of it.
class Flag {
 public:
  explicit Flag(CLI::Option* option) : option_(option) {}

  Flag Required() const;
  Flag ShowDefault() const;                          // in --help: what the variable holds now
  Flag Between(int64_t least, int64_t most) const;   // a number, limits included
  Flag OneOf(std::vector<std::string> words) const;  // no other text
  Flag Needs(Flag other) const;                      // only beside `other`
  Flag Excludes(Flag other) const;                   // not beside `other`, nor that beside this
  Flag Under(const std::string& heading) const;      // in --help: in a section of its own
  Flag OrAlone(const std::string& value) const;      // the value may be left out, and is this one then

  // Of lists:
  Flag AtLeast(int words) const;
  Flag SplitAt(char delimiter) const;  // "a,b" are two
  Flag OneWordEach() const;            // one word a time, where a list else takes all up to the next option

 private:
  CLI::Option* option_;
};

// What a verb, or a command below it ("profile new"), takes.
class Flags {
 public:
  explicit Flags(CLI::App* app) : app_(app) {}

  // Given by name, "--output" or "-o,--output", with a value behind. Value: std::string, int32_t, uint32_t,
  // int64_t, or std::vector<std::string>: a list, which can also be given several times.
  template <typename Value>
  Flag Option(const std::string& names, Value& into, const std::string& help);
  // Given by its place; `name` is for --help and messages.
  template <typename Value>
  Flag Positional(const std::string& name, Value& into, const std::string& help) {
    return Option(name, into, help);
  }
  // Given or not, without a value.
  Flag Switch(const std::string& names, bool& into, const std::string& help);

  // A command below this one. Once there is one, one must be given.
  Flags Command(const std::string& name, const std::string& help);
  bool Given() const;  // after the parsing: this command was

  // The end of --help.
  void Footer(const std::string& text);

  // A word that is nothing of the above is wrong usage, unless the verb takes
  void OtherWords(std::vector<std::string>& into);          // each of them, or
  void FromFirstOtherWord(std::vector<std::string>& into);  // it and all behind it, options of ours as well.

 private:
  CLI::App* app_;
};

// That of the whole program: "whittle VERB ...", --help and --version.
class CommandLine {
 public:
  CommandLine(const std::string& program, const std::string& purpose, const std::string& version);
  ~CommandLine();

  Flags AddVerb(const std::string& name, const std::string& summary);

  // Sets the variables. False: there is nothing left to do, since help or version were asked for and are
  // printed. Errors: kUsage, in the user's own words, with where to look.
  Result<bool> Parse(int argc, char** argv);

  std::string Help() const;

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace whittle::cli
