#include "cli/flags.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "base/nearest.h"
#include "base/text.h"

namespace whittle::cli {
namespace {

// The option that was likely meant; nothing for what is no long option, or near none.
std::optional<std::string> NearestOption(const CLI::App& app, const std::string& word) {
  if (!word.starts_with("--") || word.size() == 2) return std::nullopt;
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto nearest = Nearest(word.substr(2, word.find('=') - 2), views);
  return nearest ? std::optional("--" + *nearest) : std::nullopt;
}

// What to say of words that the parser does not expect, beside what it says itself.
std::string Meant(const CLI::App& whole, const CLI::App* verb, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (verb != nullptr && verb->get_option_no_throw(word.substr(0, word.find('='))) == nullptr) {
      if (const auto nearest = NearestOption(*verb, word)) return DidYouMeanText(nearest);
    }
    if (verb != nullptr || word.starts_with('-')) continue;
    std::vector<std::string> names;
    for (const auto* known : whole.get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(known->get_name());
    const std::vector<std::string_view> views(names.begin(), names.end());
    return DidYouMeanText(Nearest(word, views));
  }
  return "";
}

// Of a verb that has verbs of its own: what is said of the first word, if that is none of them.
std::optional<std::string> NoSuchCommand(const CLI::App& verb, int argc, char** argv) {
  const auto known = verb.get_subcommands([](const CLI::App*) { return true; });
  const bool has_word = argc > 2 && argv[1] == verb.get_name() && argv[2][0] != '-';
  if (known.empty() || !verb.get_subcommands().empty() || !has_word) return std::nullopt;
  std::vector<std::string> names;
  for (const auto* one : known) names.push_back(one->get_name());
  const auto nearest = Nearest(argv[2], std::vector<std::string_view>(names.begin(), names.end()));
  return fmt::format("{} has no verb '{}'{} There are {}", verb.get_name(), argv[2],
                     nearest ? DidYouMeanText(nearest) : ".", Join(names, ", "));
}

}  // namespace

Flag Flag::Required() const {
  option_->required();
  return *this;
}

Flag Flag::ShowDefault() const {
  option_->capture_default_str();
  return *this;
}

Flag Flag::Between(int64_t least, int64_t most) const {
  option_->check(CLI::Range(least, most));
  return *this;
}

Flag Flag::OneOf(std::vector<std::string> words) const {
  option_->check(CLI::IsMember(std::move(words)));
  return *this;
}

Flag Flag::Needs(Flag other) const {
  option_->needs(other.option_);
  return *this;
}

Flag Flag::Excludes(Flag other) const {
  option_->excludes(other.option_);
  return *this;
}

Flag Flag::Under(const std::string& heading) const {
  option_->group(heading);
  return *this;
}

Flag Flag::OrAlone(const std::string& value) const {
  option_->expected(0, 1)->default_str(value);
  return *this;
}

Flag Flag::AtLeast(int words) const {
  option_->expected(words, -1);
  return *this;
}

Flag Flag::SplitAt(char delimiter) const {
  option_->delimiter(delimiter);
  return *this;
}

Flag Flag::OneWordEach() const {
  option_->allow_extra_args(false);
  return *this;
}

template <typename Value>
Flag Flags::Option(const std::string& names, Value& into, const std::string& help) {
  return Flag(app_->add_option(names, into, help));
}
template Flag Flags::Option(const std::string&, std::string&, const std::string&);
template Flag Flags::Option(const std::string&, std::vector<std::string>&, const std::string&);
template Flag Flags::Option(const std::string&, int32_t&, const std::string&);
template Flag Flags::Option(const std::string&, uint32_t&, const std::string&);
template Flag Flags::Option(const std::string&, int64_t&, const std::string&);

Flag Flags::Switch(const std::string& names, bool& into, const std::string& help) {
  return Flag(app_->add_flag(names, into, help));
}

Flags Flags::Command(const std::string& name, const std::string& help) {
  app_->require_subcommand(1);
  return Flags(app_->add_subcommand(name, help));
}

bool Flags::Given() const { return app_->parsed(); }

void Flags::Footer(const std::string& text) { app_->footer(text); }

void Flags::OtherWords(std::vector<std::string>& into) {
  app_->allow_extras();
  app_->callback([app = app_, &into] {
    into = app->remaining();
    for (const auto& word : into) {
      const auto nearest = NearestOption(*app, word);
      if (nearest && *nearest != word)
        throw CLI::ValidationError("unknown option '" + word + "'" + DidYouMeanText(nearest));
    }
  });
}

void Flags::FromFirstOtherWord(std::vector<std::string>& into) {
  app_->prefix_command();
  app_->callback([app = app_, &into] { into = app->remaining(); });
}

CommandLine::CommandLine(const std::string& program, const std::string& purpose, const std::string& version)
    : app_(std::make_unique<CLI::App>(purpose, program)) {
  app_->set_version_flag("--version", version);
  app_->require_subcommand(0, 1);
}

CommandLine::~CommandLine() = default;

Flags CommandLine::AddVerb(const std::string& name, const std::string& summary) {
  return Flags(app_->add_subcommand(name, summary));
}

Result<bool> CommandLine::Parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    app_->exit(asked);
    return false;
  } catch (const CLI::ParseError& error) {
    const auto verbs = app_->get_subcommands();
    const std::string verb = verbs.empty() ? "" : " " + verbs.front()->get_name();
    if (const auto text = verbs.empty() ? std::nullopt : NoSuchCommand(*verbs.front(), argc, argv))
      return Fail(ErrorCode::kUsage, fmt::format("{} (see '{}{} --help')", *text, app_->get_name(), verb));
    const bool unexpected = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    const std::string meant =
        unexpected ? Meant(*app_, verbs.empty() ? nullptr : verbs.front(), argc, argv) : std::string();
    // The parser names them last first.
    if (unexpected && verbs.empty() && argc > 1 && argv[1][0] != '-')
      return Fail(ErrorCode::kUsage,
                  fmt::format("no verb is named '{}'{} (see '{} --help')", argv[1], meant, app_->get_name()));
    return Fail(ErrorCode::kUsage,
                fmt::format("{}{} (see '{}{} --help')", error.what(), meant, app_->get_name(), verb));
  }
  return true;
}

std::string CommandLine::Help() const { return app_->help(); }

}  // namespace whittle::cli
