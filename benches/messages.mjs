// Messages as a shop in Senegal sends them: 86 characters, every second text with a letter that GSM-7 lacks.

const TEXTS = [
  "Bonjour Awa, la commande 00000 est arrivée à la boutique. Passez avant samedi. Merci !",
  "Votre commande 00000 est prête. Venez la retirer ce soir à la boutique du Plateau, svp",
  "Rappel : votre facture 00000 arrive à échéance demain. Réglez-la par Wave ou en agence",
  "L’agence de Cotonou vous attend jeudi à 9 h. Dossier n° 00000, pièce d’identité exigée",
  "Votre colis 00000 a quitté Dakar. Livraison à Thiès mardi, entre 10h et 12h. A bientôt",
  "Le reçu 00000 vous a été envoyé. Une question ? Appelez-nous, c’est gratuit. À bientôt",
  "Code de confirmation : 00000. Il expire dans 10 minutes. Ne le donnez jamais, merci !!",
  "Fête de la Tabaski : offre 00000 réservée aux fidèles. Bientôt fini, répondez au plus ",
  "Soldes : -30 % dès jeudi à Dakar et Abidjan. Code PROMO00000 valable en ligne et ici !",
  "Maîtresse Fatou : réunion des parents le 5 à 17 h. Réf. 00000. Votre présence compte !",
];

const NUMBERS = [
  (n) => `+22177${n}`,
  (n) => `77 ${n.slice(0, 3)} ${n.slice(3, 5)} ${n.slice(5)}`,
  (n) => `+221 78 ${n.slice(0, 3)} ${n.slice(3, 5)} ${n.slice(5)}`,
  (n) => `+2250707${n.slice(1)}`,
  (n) => `00221 76 ${n}`,
];

/** Messages, no two of them alike. */
export function messages(count) {
  return Array.from({ length: count }, (_, i) => ({
    to: NUMBERS[i % NUMBERS.length](String(1000003 + i * 7919)),
    text: TEXTS[i % TEXTS.length].replace("00000", String(10000 + i * 37)),
  }));
}
