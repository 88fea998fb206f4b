"""Spanish nouns by gender."""

from __future__ import annotations

FEMININE = """
alarma alerta alfombra almohada aplicación app aspiradora atmósfera automatización rupia área bandeja bañera barra
batería bebida bici bicicleta bolsa bombilla bombona botella botellita buena bujía cabeza caja calabaza caldera calle
caloría cama camisa canción caña carpeta carrera carta casa casilla cámara cebolla celda cena cerradura cerveza
chaqueta chimenea cita ciudad clase clave cocina coma comida compra conexión contraseña copa copia cortina cosa
cucharada cucharadita cuenta cuota cúpula deuda década dirección docena dosis ducha edad empresa entidad entrada
escala escalera escena escuela espera estación estantería estrella etapa etiqueta excepción factura familia fase fecha
ficha fila flor foto fotografía fracción frase fresa fuente fuga función galleta garrafa gigacaloría gota grabación
guerra habitación hamaca hectárea herida hija hoja hora huella idea iglesia imagen impresora instalación integración
isla kilocaloría lata lavadora lámpara lección lechuga letra libra linterna lista línea llamada llave lluvia localidad
luz maleta mancha manta manzana marca mascota máquina megacaloría mesa mesita meta milla mina mochila moneda mujer
naranja nave nevera niña noche nota noticia notificación novedad novia nube nueva ocasión oferta oficial oficina onza
opción operación orden otra palabra pantalla parada pared parte partida pasta pastilla patata pausa página película
pelota pera perra persiana persona pestaña pieza pila pinta piscina pista pizza planta plata plataforma plaza porción
posición pregunta presa primera prueba publicación puerta puesta pulgada radio rama razón rebanada receta reina
reproducción respuesta reunión revista revolución roca rodaja ronda ropa rosa rueda rutina sala sandía semana señal
serie sesión silla sirena sola solicitud sombra sopa subida suscripción tableta tarea tarjeta tarta taza tecla tele
temperatura temporada termia terraza tienda tira toalla tonelada torre tortilla traducción ubicación unidad uva última
única vaca variable válvula vela velocidad ventana ventanilla versión vez vibración victoria vida visita vista vía voz
vuelta yarda zanahoria zona
"""

MASCULINE = """
abono abuelo acceso aceite acorde acre adulto agente aguacate ajo albaricoque altavoz amanecer amigo amperio animal
año aparato aparcamiento apartamento aplauso archivo armario artículo asiento aspersor atardecer aumento autobús
automóvil aviso caballo franco latido real sol álbum árbol balcón balón banco baño bar barco barril beaufort becquerel
bit bloque bocadillo bote botón brazo brote buen byte café cajón calefactor calendario cambio camino camión canal
cargador cartel centavo centibar centilitro centímetro centro cepillo céntimo ciclo cigarro cliente climatizador coche
cohete color comando comedor comentario compromiso contacto contador contenedor control correo corte coulomb código
cristal cuadro cuarto cubito cubo cuento cumpleaños curso dato decibelio decilitro dedo deseo despertador destino
detector diálogo diente disco dispositivo día dígito documento dormitorio dólar edificio ejercicio elemento encendido
enchufe enemigo enlace envío equipo error escalón espacio espejo estado estudio euro evento exabyte exbibyte fallo
favorito fichero filtro fin foco fotograma frasco fuego futuro galón garaje gato gibibyte gigabit gigabyte gigahercio
gigajulio gigavatio gol grado gramo gran grifo grupo gusto hectopascal helado hercio hertzio hijo hogar hombre hombro
horno hotel huevo idioma incendio informe instante intento interruptor inversor invitado jabón jardín juego jugador
julio kelvin kelvins kibibyte kilo kilobit kilobyte kilogramo kilohercio kilojulio kiloohmio kilopascal kilovar
kilovatio kilovoltiamperio kilovoltio kilómetro lado ladrillo lápiz led libro limón litro lote lugar lumen lux
macarrón mebibyte megabit megabyte megahercio megajulio megavatio megavoltio mensaje menú mes metro microamperio
microgramo microsegundo microsiemens microvoltio micrómetro miembro mil miliamperio milibar miligramo milihercio
mililitro milimol milipascal milisegundo milisiemens milivar milivatio milivoltiamperio milivoltio milímetro millar
millón minuto modo momento motor movimiento móvil mueble mundo museo músico newton niño nivel nodo nombre nudo nuevo
número objetivo objeto ohmio ojo olivo otro paciente pan panel paño paquete par paraguas partido pasajero pascal
pasillo paso pastel patio pájaro pebibyte pedido penique pepino perro peso petabyte pez picocurio pie piso píxel
planeta plato plazo plátano podcast pollo porcentaje portal precio primer problema programa proyecto pueblo puerto
punto radiador ratón rayo recado receptor recordatorio regalo relé reloj repositorio resultado reto retraso riesgo
rollo router rublo saco salón segundo sensor servidor siemens siglo sistema sitio sofá solo sonido stone switch
tablero tanque tebibyte televisor teléfono tema temporizador terabyte teravatio termostato tiempo tomate toque trabajo
tramo trozo tubo turno tweet usuario último único vagón valor var vaso vatio vecino vehículo ventilador vídeo
voltiamperio voltio volumen watt yen yobibyte yodo yogur yottabyte zebibyte zettabyte
"""
