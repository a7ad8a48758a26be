#include "client/safety/cards.h"

#include <array>
#include <span>

namespace sotto::client {
namespace {

struct Card {
  std::string_view id;
  std::string_view title;
  std::string_view text;
};

constexpr std::size_t kCards = 4;

constexpr std::array<Card, kCards> kEnglish = {{
    {"unknown-sender", "Somebody you do not know wrote to you",
     "A name proves nothing, and neither does a picture. Ask them something in another way before you "
     "answer, "
     "above all when they know a relative or have a new number. Nobody learns that you have seen a request."},
    {"smishing", "A message wants you to act at once",
     "Parcels, banks, fines, a child with a broken telephone: who makes you hurry wants you not to think. "
     "Open no link from it; go to the page or call the number that you already know. Nobody who means well "
     "asks for a code that was sent to you, or for your recovery key."},
    {"green-bubbles", "Green means that others can read it",
     "A conversation by text message (SMS) is not encrypted: carriers and servers can read and change it. It "
     "never becomes one by itself, and who asks you to go on by SMS or elsewhere may want just that."},
    {"keys", "A key that changed",
     "When a contact has another key, it is a new telephone or somebody in between. Sending stops until you "
     "decide; compare digits or a QR code with them first, best when you meet."},
}};

constexpr std::array<Card, kCards> kGerman = {{
    {"unknown-sender", "Jemand, den du nicht kennst, hat dir geschrieben",
     "Ein Name beweist nichts, ein Bild auch nicht. Frag auf einem anderen Weg nach, bevor du antwortest, "
     "vor "
     "allem wenn jemand verwandt sein oder eine neue Nummer haben will. Niemand erf\u00e4hrt, dass du eine "
     "Anfrage gesehen hast."},
    {"smishing", "Eine Nachricht dr\u00e4ngt dich",
     "Pakete, Banken, Strafen, ein Kind mit kaputtem Telefon: Wer dich dr\u00e4ngt, will nicht, dass du "
     "nachdenkst. \u00d6ffne keinen Link daraus; geh auf die Seite oder ruf die Nummer an, die du schon "
     "kennst. Niemand, der es gut meint, fragt nach einem Code, den du bekommen hast, oder nach deinem "
     "Wiederherstellungsschl\u00fcssel."},
    {"green-bubbles", "Gr\u00fcn hei\u00dft: andere k\u00f6nnen mitlesen",
     "Ein Gespr\u00e4ch per SMS ist nicht verschl\u00fcsselt: Anbieter und Server k\u00f6nnen es lesen und "
     "\u00e4ndern. Von selbst wird keines dazu, und wer dich bittet, per SMS oder anderswo "
     "weiterzuschreiben, "
     "will vielleicht genau das."},
    {"keys", "Ein anderer Schl\u00fcssel",
     "Hat ein Kontakt einen anderen Schl\u00fcssel, so ist es ein neues Telefon oder jemand dazwischen. Es "
     "geht nichts mehr hinaus, bis du entscheidest; vergleicht vorher Ziffern oder einen QR-Code, am besten "
     "wenn ihr euch seht."},
}};

struct Translation {
  std::string_view language;
  std::span<const Card, kCards> cards;
};

constexpr std::array<Translation, 2> kTranslations = {{{"en", kEnglish}, {"de", kGerman}}};

const Translation& translation_for(std::string_view language) {
  const std::string_view primary = language.substr(0, language.find('-'));
  for (const Translation& each : kTranslations) {
    if (each.language == primary) return each;
  }
  return kTranslations.front();
}

}  // namespace

std::vector<v1::SafetyCard> safety_cards(std::string_view language) {
  const Translation& translation = translation_for(language);
  std::vector<v1::SafetyCard> out;
  for (const Card& card : translation.cards) {
    auto& record = out.emplace_back();
    record.set_id(std::string(card.id));
    record.set_language(std::string(translation.language));
    record.set_title(std::string(card.title));
    record.set_text(std::string(card.text));
  }
  return out;
}

}  // namespace sotto::client
