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

constexpr std::array<Card, kCards> kSwedish = {{
    {"unknown-sender", "N\u00e5gon du inte k\u00e4nner har skrivit till dig",
     "Ett namn bevisar ingenting, och det g\u00f6r inte en bild heller. Fr\u00e5ga p\u00e5 ett annat "
     "s\u00e4tt innan du svarar, s\u00e4rskilt om n\u00e5gon s\u00e4ger sig vara en sl\u00e4kting "
     "eller ha f\u00e5tt ett nytt nummer. Ingen f\u00e5r veta att du har sett en f\u00f6rfr\u00e5gan."},
    {"smishing", "Ett meddelande vill att du g\u00f6r n\u00e5got genast",
     "Paket, banker, b\u00f6ter, ett barn med trasig telefon: den som stressar dig vill inte att du "
     "t\u00e4nker efter. \u00d6ppna ingen l\u00e4nk d\u00e4rifr\u00e5n; g\u00e5 till sidan eller ring "
     "numret som du redan k\u00e4nner till. Ingen som vill dig v\u00e4l ber om en kod som du har "
     "f\u00e5tt, eller om din \u00e5terst\u00e4llningsnyckel."},
    {"green-bubbles", "Gr\u00f6nt betyder att andra kan l\u00e4sa",
     "Ett samtal via sms \u00e4r inte krypterat: operat\u00f6rer och servrar kan l\u00e4sa och "
     "\u00e4ndra det. Det blir aldrig s\u00e5 av sig sj\u00e4lvt, och den som ber dig forts\u00e4tta "
     "via sms eller n\u00e5gon annanstans kanske vill just det."},
    {"keys", "En nyckel som har \u00e4ndrats",
     "N\u00e4r en kontakt har en annan nyckel \u00e4r det en ny telefon eller n\u00e5gon "
     "d\u00e4remellan. Inget skickas f\u00f6rr\u00e4n du har best\u00e4mt dig; j\u00e4mf\u00f6r "
     "siffror eller en QR-kod f\u00f6rst, helst n\u00e4r ni tr\u00e4ffas."},
}};

struct Translation {
  std::string_view language;
  std::span<const Card, kCards> cards;
};

constexpr std::array<Translation, 2> kTranslations = {{{"en", kEnglish}, {"sv", kSwedish}}};

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
