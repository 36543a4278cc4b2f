// There and back: profiles are written in every format, read as the format's reader does, and compared by the
// prover. What differs must be said, and what is said must differ.
//   WHITTLE_CORPUS        folders of profiles to take besides those of the project, with ':' between them
//   WHITTLE_ROUND_TRIPS   how many random profiles (20)
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "../filter/random_document.h"
#include "base/text.h"
#include "export/export.h"
#include "exports.h"
#include "filter/raw.h"
#include "policies.h"
#include "profile/catalogue.h"
#include "profile/library_names.h"
#include "prove/prove.h"
#include "syscalls/table.h"

namespace whittle::exporting::testing {
namespace {

using filter::Program;
using filter::testing::Generator;
using filter::testing::Language;
using profile::Action;
using profile::Document;
using profile::Loader;
using profile::Runtime;
using profile::Target;

constexpr std::string_view kNoName = "calls without a name";

void AddFilesIn(const std::string& folder, std::vector<std::string>& names) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path());
  }
}

std::vector<Document> Corpus() {
  std::vector<std::string> names;
  AddFilesIn(WHITTLE_SOURCE_DIR "/tests/cases/profiles", names);
  if (const char* folders = std::getenv("WHITTLE_CORPUS")) {
    std::string text = folders;
    std::ranges::replace(text, ':', ' ');
    for (const auto folder : Words(text)) AddFilesIn(std::string(folder), names);
  }
  for (const auto& entry : profile::Catalogue()) names.emplace_back(entry.name);
  std::ranges::sort(names);
  std::vector<Document> corpus;
  for (const auto& name : names) {
    auto document = profile::ReadProfile(name, profile::Reading::kAsRuntimes);
    EXPECT_TRUE(document) << (document ? "" : document.error().message);
    if (document) corpus.push_back(*std::move(document));
  }
  const char* count = std::getenv("WHITTLE_ROUND_TRIPS");
  const uint64_t random = ParseUnsigned(count == nullptr ? "20" : count).value_or(20);
  for (uint64_t seed = 0; seed < random; ++seed) {
    Generator generator(seed);
    auto document = generator.Document(
        generator.OneOf<Language>({Language::kReliable, Language::kGenerated, Language::kWhole}));
    document.file = fmt::format("random-{}", seed);
    corpus.push_back(std::move(document));
  }
  return corpus;
}

Target TargetOf(Loader loader, Runtime runtime, Abi arch) {
  Target target;
  target.loader = loader;
  target.loader_version = loader == Loader::kDocker ? profile::Version{28, 5, 2} : profile::Version{5, 6, 0};
  target.runtime = runtime;
  if (runtime == Runtime::kCrun) target.runtime_version = {1, 29, 1};
  target.arch = arch;
  target.capabilities = profile::DefaultCapabilities();
  return target;
}

std::vector<Target> Targets() {
  std::vector<Target> targets;
  for (const Loader loader : {Loader::kDocker, Loader::kPodman, Loader::kOci}) {
    for (const Runtime runtime : {Runtime::kRunc, Runtime::kCrun, Runtime::kNone})
      targets.push_back(TargetOf(loader, runtime, Abi::kX86_64));
  }
  targets.push_back(TargetOf(Loader::kDocker, Runtime::kNone, Abi::kAarch64));
  targets.push_back(TargetOf(Loader::kOci, Runtime::kNone, Abi::kS390x));
  return targets;
}

// Who reads plain OCI JSON on the same machine.
Target NodeOf(Target target) {
  if (target.loader != Loader::kOci) target.loader_version = {2, 1, 0};
  target.loader = Loader::kOci;
  return target;
}

// runc answers calls to come with ENOSYS; who reads a policy is not runc.
Program WithoutStub(const filter::Compiled& compiled, const Document& document) {
  filter::Meaning meaning = *compiled.meaning;
  meaning.stub_above.clear();
  meaning.stub_at_zero = false;
  const auto program = filter::ProgramOf(meaning, document, filter::PassSet::All());
  EXPECT_TRUE(program) << (program ? "" : program.error().message);
  return program.value_or(Program());
}

Program ProgramOf(const Document& document, const Target& target) {
  const auto compiled = filter::Compile(document, target);
  EXPECT_TRUE(compiled) << (compiled ? "" : compiled.error().message);
  return compiled ? compiled->program : Program();
}

// The instructions in source text: of lines that begin so, the numbers up to the brace.
Program ArrayIn(const std::string& text, std::string_view begin) {
  Program program;
  for (const auto line : Lines(text)) {
    if (!line.starts_with(begin)) continue;
    std::string inside(line.substr(0, line.find('}')));
    std::ranges::replace_if(inside, [](char c) { return c == ',' || c == '{'; }, ' ');
    std::vector<uint64_t> numbers;
    for (const auto word : Words(inside)) {
      if (const auto number = ParseUnsigned(word)) numbers.push_back(*number);
    }
    EXPECT_EQ(numbers.size(), 4U) << line;
    numbers.resize(4);
    program.push_back({static_cast<uint16_t>(numbers[0]), static_cast<uint8_t>(numbers[1]),
                       static_cast<uint8_t>(numbers[2]), static_cast<uint32_t>(numbers[3])});
  }
  return program;
}

// Raw filters are in the byte order of their machine.
Program RawIn(std::string text, Abi arch) {
  if (IsBigEndian(arch)) {
    for (size_t at = 0; at + 8 <= text.size(); at += 8) {
      std::swap(text[at], text[at + 1]);
      std::reverse(text.begin() + static_cast<ptrdiff_t>(at) + 4,
                   text.begin() + static_cast<ptrdiff_t>(at) + 8);
    }
  }
  const auto program = filter::ParseRaw(text, "raw");
  EXPECT_TRUE(program) << (program ? "" : program.error().message);
  return program.value_or(Program());
}

// What the reader of the format makes of it.
Program Arrived(std::string_view format, const std::string& text, const Document& document,
                const Target& target) {
  Target docker = target;
  if (target.loader != Loader::kDocker) docker.loader_version = {28, 5, 2};
  docker.loader = Loader::kDocker;
  if (format == "docker") return ProgramOf(DocumentOf(text), docker);
  if (format == "oci") return ProgramOf(DocumentOf(text), NodeOf(target));
  if (format == "spo") return ProgramOf(ObjectOf(text), NodeOf(target));
  if (format == "kubernetes") {  // the field names the file itself
    Document file = document;
    file.decided_by_containerd = false;
    return ProgramOf(file, NodeOf(target));
  }
  if (format == "systemd") return SystemdUnit(text).Compiled(target.arch);
  if (format == "minijail") return MinijailPolicy(text).Compiled(target.arch);
  if (format == "raw") return RawIn(text, target.arch);
  if (format == "c") return ArrayIn(text, "    {0x");
  if (format == "go") return ArrayIn(text, "\t{Code: ");
  ADD_FAILURE() << "nobody reads " << format << " here: add its reader";
  return {};
}

bool IsPolicy(std::string_view format) { return format == "systemd" || format == "minijail"; }

bool Kills(const filter::Verdict& verdict) {
  return verdict.action == Action::kKillProcess || verdict.action == Action::kKillThread;
}

// "looser: x86_64: clone (/syscalls/7), mount and 3 more: ALLOW instead of ERRNO(1)"
struct SaidLine {
  std::string abi;
  std::vector<std::string> names;
  bool more = false;
};

std::optional<SaidLine> SaidIn(std::string_view line) {
  const auto change = line.substr(0, line.find(": "));
  if (change != "looser" && change != "tighter" && change != "other") return std::nullopt;
  line.remove_prefix(change.size() + 2);
  SaidLine said{std::string(line.substr(0, line.find(": "))), {}};
  line.remove_prefix(said.abi.size() + 2);
  std::string names(line.substr(0, line.find(": ")));
  if (const size_t more = names.rfind(" and "); more != names.npos) {
    said.more = true;
    names.resize(more);
  }
  for (size_t at = 0; at < names.size();) {
    const size_t end = std::min(names.find(", ", at), names.size());
    const std::string name = names.substr(at, end - at);
    said.names.push_back(name.substr(0, name.find(" (/")));
    at = end + 2;
  }
  return said;
}

// One trip, and what was found.
class Trip {
 public:
  Trip(std::string_view format, const Document& document, const Target& target)
      : format_(format), document_(document), target_(target) {}

  // False if the format can hold nothing of it, or the target takes no such document.
  bool Make();
  bool equal() const { return differences_.empty() && undecided_ == 0; }
  size_t undecided() const { return undecided_; }
  void ExpectTrue() const;

 private:
  bool Differs(const SaidLine& said, const std::string& name) const;
  bool IsSaid(const prove::Difference& difference) const;
  bool Counts(const filter::Meaning& meaning, const prove::Difference& difference) const;
  std::string Text() const;

  std::string_view format_;
  const Document& document_;
  const Target& target_;
  Exported exported_;
  std::vector<SaidLine> said_;
  std::vector<prove::Difference> differences_;
  std::vector<prove::Difference> uncounted_;  // that need not be said
  size_t undecided_ = 0;
};

// A policy kills the ABIs that it does not take; of minijail's it is open whether a thread or the process is
// killed.
bool Trip::Counts(const filter::Meaning& meaning, const prove::Difference& difference) const {
  if (!IsPolicy(format_) || !Kills(difference.first) || !Kills(difference.second)) return true;
  return format_ != "minijail" && std::ranges::any_of(meaning.abis, [&](const filter::AbiRules& rules) {
           return rules.abi() == difference.abi;
         });
}

bool Trip::Make() {
  const auto compiled = filter::Compile(document_, target_);
  const bool filtered = compiled && compiled->state == filter::Compiled::State::kFiltered;
  auto exported = TryExport(format_, document_, target_, {});
  if (!filtered || !exported) {
    EXPECT_FALSE(!filtered && exported) << Text() << ": exported, and there is no filter";
    EXPECT_TRUE(!filtered || exported.error().code == ErrorCode::kNotPossible) << exported.error().message;
    return false;
  }
  exported_ = *std::move(exported);
  const Program arrived = Arrived(format_, exported_.text, document_, target_);
  prove::Options options;
  const auto siblings = SiblingAbis(target_.arch);
  options.abis.assign(siblings.begin(), siblings.end());
  const Program wanted = IsPolicy(format_) ? WithoutStub(*compiled, document_) : compiled->program;
  const auto proof = prove::Compare(std::span(&wanted, 1), std::span(&arrived, 1), options);
  if (!proof) {
    ADD_FAILURE() << Text() << proof.error().message;
    return false;
  }
  undecided_ = proof->undecided.size();
  for (const auto& difference : proof->differences)
    (Counts(*compiled->meaning, difference) ? differences_ : uncounted_).push_back(difference);
  for (const auto& line : exported_.lost) {
    if (auto said = SaidIn(line)) said_.push_back(*std::move(said));
  }
  return true;
}

std::string Trip::Text() const {
  return fmt::format("{} as {} for {}", document_.file, format_, target_.Text());
}

// Numbers beyond those that were asked one by one have no ABI of their own in a difference.
Abi AbiOf(const prove::Difference& difference) {
  if (difference.abi) return *difference.abi;
  const auto [number, architecture] = std::pair(difference.call[0], difference.call[1]);
  for (const Abi abi : AllAbis()) {
    if (AuditArch(abi) == architecture &&
        (abi == Abi::kX32) == (number >= kX32Bit && architecture == AuditArch(Abi::kX32)))
      return abi;
  }
  return Abi::kLoongarch64;  // nobody's
}

bool IsOf(const prove::Difference& difference, const SaidLine& said, const std::string& name) {
  if (!difference.abi && said.abi == "other ABIs") return true;
  const Abi abi = AbiOf(difference);
  if (AbiName(abi) != said.abi) return false;
  if (name == kNoName) return !difference.abi || !SyscallName(abi, difference.number).has_value();
  return difference.abi && (SyscallNumber(abi, name) == difference.number ||
                            profile::LibraryNumber(abi, name) == difference.number);
}

bool Trip::Differs(const SaidLine& said, const std::string& name) const {
  const auto is_of = [&](const prove::Difference& difference) { return IsOf(difference, said, name); };
  return std::ranges::any_of(differences_, is_of) || std::ranges::any_of(uncounted_, is_of);
}

bool Trip::IsSaid(const prove::Difference& difference) const {
  const std::string whole = fmt::format("architectures: {}:", AbiName(AbiOf(difference)));
  return std::ranges::any_of(exported_.lost,
                             [&](const std::string& line) { return line.starts_with(whole); }) ||
         std::ranges::any_of(said_, [&](const SaidLine& said) {
           if (said.more && AbiName(AbiOf(difference)) == said.abi) return true;
           return std::ranges::any_of(said.names,
                                      [&](const std::string& name) { return IsOf(difference, said, name); });
         });
}

void Trip::ExpectTrue() const {
  for (const auto& difference : differences_) {
    EXPECT_TRUE(IsSaid(difference)) << Text() << ": not said: "
                                    << (difference.abi ? AbiName(*difference.abi) : "other ABIs") << " "
                                    << (difference.abi ? SyscallText(*difference.abi, difference.number) : "")
                                    << " is "
                                    << profile::VerdictText(difference.second.action, difference.second.data)
                                    << " instead of "
                                    << profile::VerdictText(difference.first.action, difference.first.data)
                                    << "\n"
                                    << Join(exported_.lost, "\n");
  }
  if (undecided_ > 0) return;
  for (const auto& said : said_) {
    for (const auto& name : said.names) {
      EXPECT_TRUE(Differs(said, name))
          << Text() << ": said of " << said.abi << " " << name << ", and it is the same\n"
          << Join(exported_.lost, "\n");
    }
  }
  for (const auto& line : exported_.lost) {
    // What is lost besides answers to calls are members that the document has, and ABIs.
    if (SaidIn(line)) continue;
    const auto member = line.substr(0, line.find(": "));
    const bool has = (member == "flags" && !document_.flags.empty()) ||
                     (member == "listenerPath" && !document_.listener_path.empty()) ||
                     (member == "listenerMetadata" && !document_.listener_metadata.empty()) ||
                     (member == "defaultErrnoRet" && !differences_.empty()) || member == "architectures";
    EXPECT_TRUE(has) << Text() << ": " << line;
  }
}

TEST(RoundTrips, AreEqualOrSayWhatIsNot) {
  const auto corpus = Corpus();
  const auto targets = Targets();
  size_t equal = 0, lossy = 0, impossible = 0, undecided = 0;
  for (const auto& document : corpus) {
    for (const auto& target : targets) {
      for (const auto& format : Formats()) {
        Trip trip(format.name, document, target);
        if (!trip.Make()) {
          ++impossible;
          continue;
        }
        trip.ExpectTrue();
        undecided += trip.undecided();
        ++(trip.equal() ? equal : lossy);
        ASSERT_FALSE(HasFailure());
      }
    }
  }
  EXPECT_GT(equal, lossy);
  EXPECT_GT(lossy, 0U);
  std::cout << fmt::format(
      "round trips: {} profiles, {} formats, {} targets: {} proven equal, {} differ as is said, {} not "
      "possible, "
      "{} calls undecided\n",
      corpus.size(), Formats().size(), targets.size(), equal, lossy, impossible, undecided);
}

}  // namespace
}  // namespace whittle::exporting::testing
