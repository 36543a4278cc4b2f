// The profile reader and all that follows it: any bytes give a document or an error; what was written is read
// back the same; what is compiled does what the document means; the flat document means the same under
// another loader. The target is chosen by the text, so that a corpus meets them all.
#include <cstdlib>
#include <functional>

#include "filter/compile.h"
#include "filter/explain.h"
#include "filter/meaning.h"
#include "filter/passes.h"
#include "filter/resolve.h"
#include "profile/document.h"
#include "profile/object.h"

using namespace whittle;
using filter::Compiled;
using profile::Document;
using profile::Loader;
using profile::Reading;
using profile::Runtime;
using profile::Target;

namespace {

const Target kTargets[] = {
    {},
    {.loader_version = {28, 5, 2},
     .runtime_version = {1, 5, 1},
     .libseccomp = {2, 6, 0},
     .capabilities = {"CAP_BPF"}},
    {.loader = Loader::kPodman,
     .loader_version = {5, 6, 0},
     .runtime = Runtime::kCrun,
     .runtime_version = {1, 8, 1},
     .capabilities = {}},
    {.loader = Loader::kPodman,
     .runtime = Runtime::kCrun,
     .runtime_version = {1, 30, 0},
     .arch = Abi::kAarch64,
     .capabilities = {}},
    {.loader = Loader::kOci,
     .runtime = Runtime::kCrun,
     .runtime_version = {1, 29, 1},
     .arch = Abi::kS390x,
     .capabilities = {}},
    {.loader = Loader::kOci, .runtime_version = {1, 2, 0}, .capabilities = {}},
    {.runtime = Runtime::kNone, .capabilities = profile::DefaultCapabilities()},
    {.loader_version = {28, 5, 2}, .arch = Abi::kS390x, .kernel = {4, 7, 0}, .capabilities = {}},
    {.runtime_version = {1, 0, 0}, .libseccomp = {2, 4, 1}, .arch = Abi::kPpc64, .capabilities = {}},
    {.loader = Loader::kPodman, .runtime_version = {1, 5, 1}, .arch = Abi::kMips64, .capabilities = {}},
    {.loader_version = {28, 5, 2}, .runtime = Runtime::kCrun, .arch = Abi::kRiscv64, .capabilities = {}},
    {.loader = Loader::kPodman, .runtime_version = {1, 5, 1}, .arch = Abi::kLoongarch64, .capabilities = {}},
};

void Require(bool holds) {
  if (!holds) std::abort();
}

// Calls around what the document says: its constants for arguments, all numbers that it may name.
std::vector<filter::Call> CallsFor(const Document& document, Abi arch) {
  std::vector<uint64_t> values = {0, 1, UINT32_MAX, UINT64_MAX};
  for (const auto& rule : document.rules) {
    for (const auto& condition : rule.conditions) {
      values.insert(values.end(), {condition.value, condition.value_two, condition.value + 1});
    }
  }
  std::vector<filter::Call> calls;
  for (const Abi abi : SiblingAbis(arch)) {
    for (uint32_t number = 0; number < 480; ++number) {
      filter::Call call{abi, number | AbiBit(abi)};
      for (size_t i = 0; i < call.arguments.size(); ++i)
        call.arguments[i] = values[(number + i) % values.size()];
      if (Is32Bit(abi))
        for (auto& argument : call.arguments) argument &= UINT32_MAX;
      calls.push_back(call);
    }
  }
  return calls;
}

void CheckRoundTrip(const Document& document, Reading reading) {
  const std::string written = profile::Write(document);
  const auto again = profile::Read(written, "written", reading);
  Require(again && profile::Write(*again) == written);
  Require(profile::Read(profile::Write(profile::Plain(*again)), "plain", Reading::kAsRuntimes).has_value());
}

// Some passes of the compiler or all: the same verdicts.
filter::PassSet SomePasses(size_t choice) {
  const auto passes = filter::AllPasses();
  const auto pass = passes[choice / 4 % passes.size()].pass;
  switch (choice % 4) {
    case 0:
      return filter::PassSet::None();
    case 1:
      return filter::PassSet::Only(pass);
    default:
      return filter::PassSet::All().Without(pass);
  }
}

void CheckPasses(const Document& document, const Target& target, const filter::Program& wanted,
                 size_t choice) {
  const auto other = filter::Compile(document, target, SomePasses(choice));
  if (!other) return;  // too large without them
  for (const auto& call : CallsFor(document, target.arch)) {
    const auto a = filter::Evaluate(wanted, call);
    const auto b = filter::Evaluate(other->program, call);
    Require(a.action == b.action && a.data == b.data);
  }
}

// The meaning against the program, and against the flat document's meaning for another loader.
void CheckMeaning(const Document& document, const Target& target, size_t choice) {
  const auto compiled = filter::Compile(document, target);
  Require(compiled || compiled.error().code != ErrorCode::kInternal);
  const auto flat = filter::Resolve(document, target);
  Require(flat.has_value() == (!compiled || compiled->state != Compiled::State::kRefused));
  if (!compiled || compiled->state != Compiled::State::kFiltered) return;
  CheckPasses(document, target, compiled->program, choice);
  const auto explainer = filter::Explainer::Create(document, *compiled);
  Require(explainer.has_value());
  Target elsewhere = target;
  elsewhere.loader = target.loader == Loader::kPodman ? Loader::kOci : Loader::kPodman;
  const auto same = filter::MeaningOf(flat->document, elsewhere);
  Require(same.state == Compiled::State::kFiltered);
  for (const auto& call : CallsFor(document, target.arch)) {
    const auto explained = explainer->Explain(call);
    Require(explained.has_value());
    const auto decision = filter::Decide(same, call);
    Require(explained->verdict.action == decision.action);
    Require(!profile::CarriesData(decision.action) || explained->verdict.data == decision.data);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto strict = profile::ReadWithObjects(text, "input", Reading::kStrict);
  if (strict) CheckRoundTrip(*strict, Reading::kStrict);
  const auto document = profile::ReadWithObjects(text, "input", Reading::kAsRuntimes);
  Require(document.has_value() || !strict.has_value());
  if (!document) return 0;
  CheckRoundTrip(*document, Reading::kAsRuntimes);
  profile::UnknownNames(*document);
  const size_t choice = std::hash<std::string_view>()(text);
  CheckMeaning(*document, kTargets[choice % std::size(kTargets)], choice / std::size(kTargets));
  return 0;
}
