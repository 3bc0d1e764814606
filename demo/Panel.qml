// The panel of simulated devices: every word comes from demo/panel.py.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Window

Window {
    id: window

    required property QtObject panel

    width: 460
    height: 900
    x: Screen.virtualX + Screen.width - width - 16
    y: Screen.virtualY + 16
    flags: Qt.Window | Qt.WindowStaysOnTopHint
    color: "#F6F4EF"
    visible: false
    title: "Lobbypay"

    component Press: Rectangle {
        id: press

        property string text
        signal pressed

        implicitWidth: label.implicitWidth + 24
        implicitHeight: label.implicitHeight + 14
        radius: 8
        color: area.pressed ? "#0B5A5E" : "#FFFFFF"
        border.color: "#4A5763"
        border.width: 1
        activeFocusOnTab: true
        Accessible.role: Accessible.Button
        Accessible.name: press.text

        Text {
            id: label
            anchors.centerIn: parent
            text: press.text
            font.family: "Atkinson Hyperlegible Next"
            font.pixelSize: 14
            color: area.pressed ? "#FFFFFF" : "#17212B"
        }
        MouseArea {
            id: area
            anchors.fill: parent
            onClicked: press.pressed()
        }
    }

    Flickable {
        anchors.fill: parent
        anchors.margins: 14
        contentHeight: column.height
        clip: true

        Column {
            id: column
            width: parent.width
            spacing: 12

            Row {
                spacing: 12

                Image {
                    id: camera
                    property int count: 0
                    width: 252
                    height: 142
                    fillMode: Image.PreserveAspectCrop
                    cache: false
                    source: window.panel.still + "?" + camera.count
                    Timer {
                        interval: 500
                        running: window.visible
                        repeat: true
                        onTriggered: if (camera.status !== Image.Loading)
                            camera.count += 1
                    }
                }
                Image {
                    width: 150
                    height: 142
                    fillMode: Image.PreserveAspectFit
                    source: window.panel.receipt
                }
            }

            Text {
                height: 20 // also while it is empty: what is below must not move under the mouse
                text: window.panel.said
                font.family: "Atkinson Hyperlegible Next"
                font.pixelSize: 14
                color: "#4A5763"
            }

            ListView {
                id: bills
                width: parent.width
                height: 220
                clip: true
                spacing: 4
                model: window.panel.bills
                delegate: Rectangle {
                    id: bill
                    required property string modelData
                    required property int index
                    width: bills.width
                    height: words.implicitHeight + 14
                    radius: 8
                    color: "#FFFFFF"
                    border.color: "#D5D1C8"

                    Text {
                        id: words
                        anchors.verticalCenter: parent.verticalCenter
                        x: 8
                        width: parent.width - 150
                        wrapMode: Text.Wrap
                        text: bill.modelData
                        font.family: "Atkinson Hyperlegible Next"
                        font.pixelSize: 13
                        color: "#17212B"
                    }
                    Row {
                        anchors.verticalCenter: parent.verticalCenter
                        anchors.right: parent.right
                        anchors.rightMargin: 6
                        spacing: 4
                        Press {
                            text: "QR"
                            onPressed: window.panel.hold_up(bill.index, false)
                        }
                        Press {
                            text: "Code 128"
                            onPressed: window.panel.hold_up(bill.index, true)
                        }
                    }
                }
            }

            Repeater {
                model: window.panel.groups
                delegate: Column {
                    id: group
                    required property var modelData
                    width: column.width
                    spacing: 6

                    Text {
                        text: group.modelData.title
                        font.family: "Atkinson Hyperlegible Next"
                        font.pixelSize: 15
                        font.bold: true
                        color: "#17212B"
                    }
                    Flow {
                        width: parent.width
                        spacing: 6
                        Repeater {
                            model: group.modelData.buttons
                            delegate: Press {
                                required property var modelData
                                text: modelData.text
                                onPressed: window.panel.command(modelData.command)
                            }
                        }
                    }
                }
            }
        }
    }
}
