#include "report/html.h"

#include <fmt/core.h>

#include "base/text.h"
#include "report/story.h"

namespace whittle::report {
namespace {

struct File {
  std::string_view name, text;
};
constexpr File kStyle[] = {
#include "report_style.inc"
};

std::string_view ToneClass(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "good";
    case Tone::kBad:
      return "bad";
    case Tone::kMuted:
      return "muted";
    case Tone::kCode:
      return "code";
    case Tone::kPlain:
      return "";
  }
  return "";
}

std::string Open(std::string_view tag, std::string_view css) {
  return css.empty() ? fmt::format("<{}>", tag) : fmt::format("<{} class=\"{}\">", tag, css);
}

std::string Element(std::string_view tag, std::string_view text, std::string_view css = "") {
  return fmt::format("{}{}</{}>", Open(tag, css), EscapeHtml(text), tag);
}

std::string TableHtml(const Block& block) {
  std::string html = "<div class=\"scroll\"><table>\n<thead><tr>";
  for (const auto& title : block.header) html += fmt::format("<th scope=\"col\">{}</th>", EscapeHtml(title));
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : block.rows) {
    html += "<tr>";
    for (const auto& cell : row) html += Element("td", cell.text, ToneClass(cell.tone));
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string FoldedHtml(const Block& block) {
  std::string html = "<details>" + Element("summary", block.text) + "\n<ul class=\"chips\">";
  for (const auto& line : block.lines) html += "<li>" + Element("code", line) + "</li>";
  return html + "</ul></details>\n";
}

std::string ListHtml(const Block& block) {
  if (block.folded) return FoldedHtml(block);
  std::string html = block.text.empty() ? "" : Element("p", block.text) + "\n";
  html += "<ul class=\"lines\">\n";
  for (const auto& line : block.lines) html += Element("li", line) + "\n";
  return html + "</ul>\n";
}

std::string CodeHtml(const Block& block) {
  std::string html = Element("p", block.text, "title") + "\n<pre tabindex=\"0\"><code>";
  for (const auto& line : block.lines) html += EscapeHtml(line) + "\n";
  return html + "</code></pre>\n";
}

std::string BlockHtml(const Block& block) {
  switch (block.kind) {
    case Block::Kind::kParagraph:
      return Element("p", block.text, ToneClass(block.tone)) + "\n";
    case Block::Kind::kTable:
      return TableHtml(block);
    case Block::Kind::kList:
      return ListHtml(block);
    case Block::Kind::kCode:
      return CodeHtml(block);
  }
  return "";
}

std::string NumberHtml(const Figure& figure, std::string_view label, std::string_view css) {
  return fmt::format("<li class=\"{}\"><b>{}</b><span>{}</span><small>{}</small></li>\n", css,
                     EscapeHtml(figure.value), EscapeHtml(label), EscapeHtml(figure.note));
}

std::string BarHtml(const Figure& figure, std::string_view css, size_t known) {
  return fmt::format(
      "<div class=\"bar\" role=\"img\" aria-label=\"{0}: {1} of {2} calls\"><span class=\"label\">{0}</span>"
      "<span class=\"track\"><span class=\"fill {3}\" style=\"display:block;width:{4:.1f}%\"></span></span>"
      "<span class=\"value\">{1}</span></div>\n",
      EscapeHtml(figure.label), EscapeHtml(figure.value), known, css, figure.share * 100);
}

std::string HeroHtml(const Facts& facts) {
  const auto figures = OpenFigures(facts);
  std::string html = "<ul class=\"numbers\">\n";
  html += NumberHtml(MadeFigure(facts), "made by the workload", "made");
  html += NumberHtml(figures[1], "open under Docker\u2019s default", "default");
  html += NumberHtml(figures[2], "open under this profile", "profile");
  html += fmt::format(
      "</ul>\n<div class=\"bars\">\n<p class=\"title\">System calls that can reach the kernel, of {}</p>\n",
      facts.known);
  constexpr std::string_view kColours[] = {"none", "default", "profile"};
  for (size_t i = 0; i < figures.size(); ++i) html += BarHtml(figures[i], kColours[i], facts.known);
  return html + "</div>\n";
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string safe;
  for (const char c : Printable(text)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string ReportHtml(const Facts& facts) {
  const std::string title = EscapeHtml(facts.title);
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<title>{} \u2013 whittle</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n"
      "<header><p class=\"kicker\">Whittle report</p><h1>{}</h1><p>{}</p></header>\n",
      title, kStyle[0].text, title, EscapeHtml("target: " + facts.target.Text()));
  html += HeroHtml(facts);
  for (const auto& section : TellStory(facts)) {
    html += "<section>\n" + Element("h2", section.heading) + "\n";
    for (const auto& block : section.blocks) html += BlockHtml(block);
    html += "</section>\n";
  }
  return html +
         "<footer>Made by whittle report. This page loads nothing and sends "
         "nothing.</footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace whittle::report
