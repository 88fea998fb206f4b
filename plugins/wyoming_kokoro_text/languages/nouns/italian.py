"""Italian nouns by gender. Only the number one agrees, so the singular is enough."""

from __future__ import annotations

FEMININE = """
abitazione acqua agenda aggiunta aiuola allerta altra ambulanza amica ampolla anatra anima antenna ape app
applicazione arancia arancione area aria arma ascia asciugatrice asta atmosfera attesa attività aula aurora auto
automazione automobile azienda azione bacca bambina banana banca banda bandiera barra base batteria bella bevanda bici
bicicletta birra bistecca bolletta bomba borsa bottiglia bozza brava buca buona busta caldaia caloria camera camicia
campagna candela canzone capsula caramella carota carta cartella casa casella cassa cassetta catena causa cella cena
centrale chiamata chiave chiesa chilocaloria ciliegia cintura ciotola cipolla città classe coda colazione collina
colonna coperta copia coppia corda corsa cosa coscia costola cravatta crema crescita cucina cuffia curva data decina
decisione derivazione destinazione dichiarazione dieta differenza dimensione direzione discesa doccia domanda donna
dose dozzina durata eccezione edizione email emozione entità entrata erba esecuzione esperienza estate età etichetta
evidenza famiglia farfalla farmacia fascia fase fattura fermata festa fetta fiamma figlia fila finestra firma foglia
foresta forma formica foto fotografia fragola frase freccia fuga funzionalità funzione galleria gallina gamba gara
generazione giacca gigacaloria giornata giraffa goccia gonna grandezza guerra guida iarda idea immagine impostazione
impronta informazione insalata integrazione intervista isola istanza lacrima lampada lampadina lattina lavagna
lavastoviglie lavatrice lettera lezione libbra linea lingua lira lista lite località luce luna macchina madre maglia
mamma mancanza mano mappa marca maschera matita mattina mattonella megacaloria mela memoria mensola merenda meta metà
miglia millimole miniera minuscola modifica moglie mole moneta montagna mosca mossa multa musica nascita nave nazione
neve noce nota notifica notizia notte novità nuova nuvola occasione offerta ombra oncia onda operazione opzione ora
orchestra ordinanza oscillazione ottava pagina pala palestra palla pallina parete parola parte partenza partita
passeggiata passione password patata pausa penna pera percentuale perdita persiana persona pesca pianta piazza pietra
pila pillola pioggia piscina pista pizza platea poltrona pompa porta portata porzione posizione posta prenotazione
presa presenza prestazione prima priorità prova pubblicazione pulizia punta quantità radice radio ragazza ragione rata
regina regione registrazione regola relazione rete ricarica ricerca ricetta richiesta riga riparazione risata riserva
risposta riunione rivista rosa rotazione rotta routine ruota rupia sala salita salsa scadenza scala scarpa scatola
scelta scena scheda scintilla scommessa scopa scuola sedia sega segnalazione selezione sensazione sera serata serie
serratura sessione settimana sezione sfida sfumatura sigaretta sirena sola soluzione sorella sorpresa sosta specie
spesa spia spiaggia spina spruzzata squadra stagione stampa stampante stanza stazione stella sterlina storia strada
stretta striscia struttura stufa suddivisione suoneria superficie tabella taglia tapparella tariffa tassa tastiera
tavola tazza tazzina telecamera telefonata televisione temperatura tempesta tenda tensione testa tettoia torcia torre
torta tovaglia traccia transazione trasmissione tuta uguaglianza ultima unica unità uscita utenza uva vacanza valanga
valigia valuta valvola variabile variazione vasca velocità ventina ventola versione vetrina via vibrazione vincita
visita vista vita vite vittoria voce volpe volta zanzara zona zucchina
"""

MASCULINE = """
abbonamento accesso accessorio account acro adattatore aeroporto aggiornamento aiuto albergo albero album alimento
allarme altro ambiente amico ampere amperora anello angolo animale anno annuncio antifurto apparecchio appartamento
appuntamento arco armadio articolo ascensore asciugamano aspirapolvere asse attico attimo attributo aumento autobus
avviso bagno balcone bambino banco bar barattolo battito beaufort becquerel bel bello bicchiere biglietto bit blocco
boccone bollitore bordo bottone braccio brano buon bus byte cabinato cacciavite caffè calendario calzino cambio camino
campanello campo canale cancello cane canestro capitolo cappello carattere carico carrello cartone caso cassetto
cavallo centesimo centibar centilitro centimetro centro cerchio cestino chilo chilogrammo chilometro chilopascal
chilowatt chilowattora chiodo ciclo cinema circuito citofono cliente coltello comando comignolo commento compito
compleanno computer condizionatore contatore contatto contenitore controllo coperchio corridoio corso cucchiaino
cucchiaio cuscino dado danno database decibel decilitro decimale decimo dente dettaglio dinosauro disco disegno
dispositivo dito divano documento dolce dollaro dubbio edificio elemento elenco elettrodomestico episodio errore
esempio esercizio ettaro ettogrammo ettopascal euro evento exabyte exbibyte fazzoletto fiammifero figlio file film
filo filtro fiore fiume foglio forno foro forte fotogramma franco fratello frigo frigorifero frullato frutto fulmine
fungo fuoco furgone gallone garage gatto gelato gesto giardino gibibyte gigabit gigabyte gigahertz gigajoule gigawatt
gigawattora giocatore gioco giornale giorno giro gnomo gol gommone gradino grado grammo gruppo guanto guasto gufo
hertz hotel hub impegno impianto impulso incendio incontro indirizzo indizio ingresso insetto interruttore intervallo
invito joule kelvin kibibyte kilobit kilobyte kilohertz kilojoule kiloohm kilovar kilovolt kilovoltampere kilowatt
lampo lato lavoro led letto libro limone link litro livello locale logo lotto lumen luogo lux magazzino maglione mare
mazzo mebibyte medico megabit megabyte megahertz megajoule megavolt megawatt megawattora membro menu mese messaggio
metro microampere microfono microgrammo microsecondo microsiemens microvolt miglio mignolo miliardo milione
milliampere milliamperora millibar milligrammo millihertz millilitro millimetro millipascal millisecondo millisiemens
millivar millivolt millivoltampere milliwatt milliwattora minuto mobile modello modo momento mondo monitor motore
movimento muro museo nodo nome nonno numero nuovo obiettivo occhio oggetto ohm ombrello orario orecchio orologio
ospite ostacolo pacchetto pacco paese paio palazzo palloncino pane panino pannello pantalone parametro parcheggio
parente partecipante pascal passaggio passeggero passo pasto pavimento pebibyte penny petabyte pezzo piano piatto
picocurie piede pixel pneumatico podcast pollice pollo pomeriggio pomodoro ponte portatile porto posto premio prezzo
problema processo prodotto profilo progetto programma promemoria psicologo pulsante punto quadrato quadro quarto
ragazzo ragno ramo regalo relè reparto ricordo risultato ritardo robot rotolo router rubinetto sacchetto sacco salone
salotto sasso scaffale scaldabagno scalino schermo sconto scooter secolo secondo segnale semaforo sensore server
servizio settore shampoo siemens sistema sito soggiorno sogno solo sorso specchio spettacolo spicchio spillo sport
spruzzo squalo stadio stato stelo stivale stone storno strumento studente studio suono switch tablet tappeto tappo
tasto tavolo tebibyte telecomando telefono televisore tema tempo tentativo terabyte terawatt terawattora termometro
termosifone termostato terreno test tetto tè therm timer tipo titolo topo torneo tovagliolo treno tubo turno uccello
ufficio ultimo umidificatore unico uomo uovo utente valore vano var vaso ventilatore vento vestito viaggio vicino
video vigile vino viola visitatore volo volt voltampere voto watt wattora yen yobibyte yogurt yottabyte zaino zebibyte
zero zettabyte zio zoccolo
"""
