"""Portuguese nouns by gender."""

from __future__ import annotations

FEMININE = """
abóbora academia ação adição agenda alavanca aldeia alface alteração amiga análise antena aplicação assinatura
atividade atmosfera atualização aula automação avenida avó rupia água área árvore balança banana banda bandeira
banheira barra base batata bateria bebida bicicleta blusa boa boia bola bolacha bolsa bomba borboleta busca cabeça
cadeira caixa calça caloria cama camisa canção caneca caneta carga carne carta carteira casa câmera cebola cena
cenoura cerveja chamada chave chuva cidade classe coisa colher colherada compra conexão conta conversa cor corrida
cortina cozinha cópia criança data decisão despesa década dica diferença direção dívida dose dúvida dúzia edição
empresa encomenda entidade entrada entrega equipe escada escola escova espera estação estrada estrela etapa etiqueta
exceção faixa família farmácia fase fatia fatura fechadura ferramenta festa ficha figura fila filha flor foto frase
fruta função garrafa gaveta geladeira gigacaloria gota gravação guerra história hora ideia igreja ilha imagem
impressora informação integração janela jarda jornada laranja lata lavadora lâmpada lembrança letra libra lição
ligação linha lista língua loja lua luz maçã mala manta marca máquina megacaloria mensagem mesa meta metade milha moça
moeda mudança mulher música noite nota notificação notícia nova novidade nuvem ocasião oferta onça opção operação
ordem outra palavra pancada parada parede parte pasta pausa página peça pedra pera pergunta pessoa piada pilha piscina
pista pizza planta polegada porção porta posição possibilidade praça praia prancha prateleira primeira prova pulseira
queda quilocaloria rádio receita rede refeição região remessa resposta reunião revista rodada rosa rota rotação rotina
roupa rua sacola saída sala salada seção semana senha sessão série sirene sobremesa solicitação sopa tarefa tarifa
taxa tecla tela televisão temperatura temporada tentativa tigela tinta toalha tomada tonelada torneira torrada torre
torta unidade uva última única vaca vaga variável válvula vela velocidade venda versão vez viagem vida visita
visualização vitória volta voz xícara zona
"""

MASCULINE = """
abacate acesso acre adulto aeroporto ajuste alarme alerta alho alimento amigo ampere andar animal ano anúncio aparelho
apartamento aplicativo aquecedor ar arquivo artigo aspirador assento assunto atraso atributo aumento avião aviso balde
banco banheiro bar barco barril batimento beaufort bebê becquerel becquerels bilhão bit bloco bolo bolso bom botão
braço byte cabo cachorro café caminhão campo canal capítulo cargo carregador carro cartão cartucho caso cavalo cão
celular centavo centibar centilitro centímetro centro ciclo cigarro cliente clipe coelho comando comentário
compromisso computador conjunto contato contêiner controle convidado copo corredor código cômodo crédito curso dado
decibel decibéis decilitro dedo degrau dente desenho despertador detalhe detector dia disco dispositivo dígito doce
documento dólar drone elefante elemento elevador email encontro endereço episódio equipamento erro escritório espaço
espelho estado euro evento exabyte exbibyte exemplo exercício fardo favorito franco fã filho filme filtro final fio
fogo forno frango frasco funcionário galão garfo gato gibibyte gigabit gigabyte gigahertz gigajoule gigawatt gol grama
grau grupo hectare hectopascal hertz homem horário hotel idioma iene incêndio ingrediente interruptor item jantar
jardim jogador jogo jornal joule julgamento kelvin kibibyte kilobyte lado lar lápis lembrete lençol limão link litro
livro local lote lugar lux lúmen macaco mapa mebibyte megabit megabyte megahertz megajoule megavolt megawatt membro
mercado metro mês microampere micrograma microsiemens microssegundo microvolt milhão miliampere milibar miligrama
milihertz mililitro milimol milimols milipascal milisiemens milissegundo milivar milivars milivolt miliwatt milímetro
minuto modo mol momento monitor morango motor movimento móvel município músico nanômetro newton nível nome novo nó
número objeto ohm ohms olho ouro outro ovo ônibus paciente pacote padrão pai painel país palmo papel par parafuso
parceiro pascal passageiro passo pássaro pão pebibyte pedaço pedido peixe pence perfil período peso petabyte pé pêni
picocurie pixel planeta plano podcast ponto portal portão prato prazo preço presente prédio primeiro problema processo
produto programa projeto punhado quadrado quadro quarto queijo quilo quilobit quilograma quilohertz quilojoule
quiloohm quilopascal quilovar quilovars quilovolt quilowatt quilômetro quintal radiador raio real recado recurso
registro relé relógio resultado robô rolo roteador saco salão sapato segundo sensor servidor século shampoo siemens
sinal sistema site sofá som sorvete stone suco tanque tapete tebibyte teclado telefone tema tempo temporizador
terabyte terawatt termostato therm therms tijolo timer tomate toque trem tubo turno tweet usuário último único valor
var vars vaso vatio veículo ventilador vinho vizinho vídeo volt volts watt watts yobibyte yottabyte zebibyte zettabyte
"""
