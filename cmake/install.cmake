# cmake --install: both libraries, the headers, the program, and what lets others find them (pkg-config, CMake).
include(CMakePackageConfigHelpers)

install(TARGETS nudge RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS nudge_shared EXPORT nudgeTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS nudge_static EXPORT nudgeStaticTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES include/nudge.h include/nudge_insight.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES docs/nudge.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)

# pkg-config. The prefix is told relative to the file, so that an installed tree can be moved.
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(NUDGE_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
  set(NUDGE_PC_LIBDIR ${CMAKE_INSTALL_FULL_LIBDIR})
  set(NUDGE_PC_INCLUDEDIR ${CMAKE_INSTALL_FULL_INCLUDEDIR})
else()
  file(RELATIVE_PATH up /prefix/${pkgconfig_dir} /prefix)
  string(REGEX REPLACE "/$" "" up ${up})
  set(NUDGE_PC_PREFIX "\${pcfiledir}/${up}")
  set(NUDGE_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
  set(NUDGE_PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
configure_file(cmake/nudge.pc.in nudge.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/nudge.pc DESTINATION ${pkgconfig_dir})

# CMake: find_package(nudge) gives nudge::nudge, and nudge::nudge_static where its libraries are there.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nudge)
install(EXPORT nudgeTargets NAMESPACE nudge:: DESTINATION ${package_dir})
install(EXPORT nudgeStaticTargets NAMESPACE nudge:: DESTINATION ${package_dir})
configure_package_config_file(cmake/nudgeConfig.cmake.in nudgeConfig.cmake INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(nudgeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/nudgeConfig.cmake ${PROJECT_BINARY_DIR}/nudgeConfigVersion.cmake
        DESTINATION ${package_dir})
