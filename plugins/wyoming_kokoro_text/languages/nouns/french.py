"""French nouns by gender."""

from __future__ import annotations

FEMININE = """
abeille absence accolade acquisition action actualité addition adresse affaire affiche aide alarme alerte alliance
allumette ambiance amie ampoule analyse ancienne année annonce antenne apparition application araignée armoire arrivée
assiette astuce atmosphère attaque automatisation avenue baguette baignoire balance balle banane bande barre base
batterie belle bière blague boisson boîte bonne bouche bouchée bouée bougie boule bouteille boutique branche brique
brosse calorie caméra capsule caravane carotte carte case casquette casserole cave centaine cerise certaine chaise
chaîne chambre chance chanson chaussette chaussure cheminée chemise chose chute cible cigarette citation clef clé
climatisation cloche clôture coche colonne commande commune conférence connexion consigne console conversation copie
corbeille correspondance couche couleur coupe coupure cour courgette course couverture côte crêpe cuillerée cuillère
cuisine date demande demie demoiselle dent dernière descente destination dette dépense dépêche diapositive différence
difficulté diffusion dimension direction division dizaine donnée dose douche douzaine durée entité entrée enveloppe
erreur exception exécution expression roupie échelle école économie édition église élection émission énigme épice
épreuve équipe étagère étape étiquette étoile étude évolution facture faille famille fenêtre ferme feuille fête fiche
figue file fille fleur fois fonction fonctionnalité forêt formation forme fourchette fraction fraise framboise
française fuite galette garde gare gigacalorie glace gorgée gousse goutte graine grande guerre guirlande habitude
heure heureuse histoire huile idée image impression imprimante information instance instruction intervention
intégration invitation île jambe jolie journée kilocalorie lampe langue larme lavande lecture leçon lettre liaison
ligne lime limite lingette liste livraison livre lumière lune machine main maison majorité mandarine manette marche
marque maternelle matière merveille mesure médaille mégacalorie météo microseconde millimole milliseconde minute mise
mission modification moitié mole molette montagne montée montre mouche musique naissance nappe note notification
nouveauté nouvelle nuance nuit occasion œuvre offre olive once onde opération option orange ordonnance page paire
panne partie patate patience pause pâte peinture pelle pensée personne petite période phase photo phrase pierre pièce
pile pilule pincée piqûre piscine piste pizza place plage plante plaque plaquette pluie poignée pointe poire pomme
pompe porte portion position possibilité poubelle poule poupée première prescription présence priorité prise prochaine
promenade promotion proposition protection publication publicité puissance quantité question quiche radio raison
rallonge rangée recette recherche remarque remise rencontre reprise revue règle réclamation réduction réparation
réponse réservation réunion rive robe rose roue route rue saison salade salle scène seconde section semaine sensation
serrure serveuse serviette session seule séance série sirène situation sœur solution sonde sonnerie sonnette sortie
soupe source souris station structure suggestion suite surface tablette taille tante tape tarte tasse taxe tâche
température tempête temporisation tension tentative terrasse télé télécommande tête thermie tige tisane tomate tonne
touche tournée trace tranche transaction unité usine utilisation vache valeur valise vanne variable veilleuse vente
version veste victoire vidéo vie vieille ville virgule vis visite vitesse vitre voie voiture voix vraie vue zone
"""

MASCULINE = """
abonné abricot accès achat acre adaptateur adulte agneau album aller ampère an angle animal anniversaire appareil
appartement appel arbre arrêt article ascenseur aspirateur autre avion avis bain balcon ballon banc bar bateau
battement bâtiment beaufort becquerel bébé billet bit bloc bocal bol bon bouton bras bruit bureau bus byte cadeau café
calendrier camion canal canapé capteur carré casque centibar centilitre centime centimètre champ chargeur chat
chauffage chemin cheval chien chiffre ciel citron client climatiseur code coin colis commentaire compte compteur
concert congé contact couloir coup courriel couteau cycle degré dernier dessin décibel décilitre départ détecteur
disque document doigt dollar dossier drap enfant espace essai euro exaoctet exbioctet exemple écran élève élément
épisode étage état événement fauteuil fer feu fichier film filtre flacon foyer franc fruit gallon garage gâteau
gibioctet gigabit gigahertz gigajoule gigaoctet gigawatt gramme grand groupe habitant hectare hectopascal hectopascals
hertz homme hôtel idéal indice instant interrupteur invité jardin jeu joueur joule jour journal kelvin kibioctet kilo
kilobit kilogramme kilohertz kilojoule kilomètre kilooctet kiloohm kilopascal kilopascals kilovar kilovolt kilowatt
lapin lit litre logement lot lumen lux magasin mail match matelas membre menu message mètre mébioctet mégabit
mégahertz mégajoule mégaoctet mégavolt mégawatt microampère microgramme microsiemens microvolt mile mille milliampère
millibar milligramme millihertz millilitre millimètre million millipascal millipascals millisiemens millivar millivolt
milliwatt minuteur mode mois moment mot moteur mouvement mur musée niveau nœud nom nombre nouveau nuage numéro objet
octet œuf ohm oignon oiseau ordinateur outil pain panier panneau paquet parking pas pascal pascals passager pays pence
penny petit pébioctet pétaoctet picocurie pied pixel plat point poisson pont portail pot pouce poulet premier problème
produit programme projet quart radiateur rappel rayon relais rendez-vous repas réglage réseau résultat réveil rideau
robinet robot sac salon sapin seau service seul siemens siècle signal site sol son spot stone store sucre système
tapis temps test tébioctet téléphone téléviseur téraoctet térawatt therm thermostat ticket tiers timer tiroir tour
train travail utilisateur var ventilateur verre véhicule vélo village vin visiteur voisin volet volt watt yaourt yard
yen yobioctet yottaoctet zettaoctet zébioctet
"""
