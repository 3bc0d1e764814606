// Never drawn: names the controls of the first screen, so that they load while Python still imports (see ui/app.py).
pragma ComponentBehavior: Bound
import QtQuick

QtObject {
    readonly property list<Component> controls: [
        Component { BigButton {} },
        Component { QuietButton {} },
        Component { TopButton { text: ""; speech: ""; intent: ""; value: "" } },
        Component { FootButton { text: ""; speech: ""; intent: ""; value: "" } },
        Component { AmountBar { label: ""; labelSpeech: ""; amount: ""; amountSpeech: "" } },
        Component { Notice { text: ""; speech: "" } },
        Component { ScrollArea {} },
        Component { ArtHoldBill {} },
        Component { Drawing { name: ""; moving: false; tone: "black" } }
    ]
}
